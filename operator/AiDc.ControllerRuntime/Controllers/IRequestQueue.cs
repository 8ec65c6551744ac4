namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Wakes the controller of <typeparamref name="TReconciler"/> for causes that no watch shows.</summary>
public interface IRequestQueue<TReconciler> where TReconciler : IReconciler
{
    /// <summary>Asks for a reconcile, after <paramref name="delay"/>; of several the earliest counts. Never blocks.</summary>
    void Enqueue(NamespacedName name, TimeSpan delay = default);
}
