namespace AiDc.ControllerRuntime.Controllers;

/// <summary>The queue of one reconciler's controller, as others see it.</summary>
internal sealed class RequestQueue<TReconciler>(Func<Controller> controller) : IRequestQueue<TReconciler> where TReconciler : IReconciler
{
    // Looked up late: the reconciler that its controller needs may itself want this queue.
    private readonly Lazy<Controller> target = new(controller);

    public void Enqueue(NamespacedName name, TimeSpan delay = default) => target.Value.EnqueueAfter(new(name), delay);
}
