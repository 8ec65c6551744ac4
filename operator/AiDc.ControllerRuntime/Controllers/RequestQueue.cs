namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Wakes the controller of <typeparamref name="TReconciler"/> for causes that no watch shows.</summary>
public interface IRequestQueue<TReconciler> where TReconciler : IReconciler
{
    /// <summary>Asks for a reconcile, after <paramref name="delay"/>; of several the earliest counts. Never blocks.</summary>
    void Enqueue(NamespacedName name, TimeSpan delay = default);
}

/// <summary>The queue of one reconciler's controller, as others see it.</summary>
internal sealed class RequestQueue<TReconciler>(Func<Controller> controller) : IRequestQueue<TReconciler> where TReconciler : IReconciler
{
    // Looked up late: the reconciler that its controller needs may itself want this queue.
    private readonly Lazy<Controller> target = new(controller);

    public void Enqueue(NamespacedName name, TimeSpan delay = default) => target.Value.EnqueueAfter(new(name), delay);
}

/// <summary>Takes requests; those of low priority (first list, relists) wait while there are others.</summary>
public delegate void RequestSink(Request request, bool lowPriority);
