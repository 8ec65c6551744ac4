using AiDc.ControllerRuntime;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// Knows how many replicas each service should have. It decides on a clock of its own and asks for the reconcile of a service whose
/// advice changes; the reconcile reads the advice here.
/// </summary>
public interface IScaleAdvisor
{
    /// <returns>Null where there is none: the service keeps the replicas that it has.</returns>
    ScaleAdvice? For(NamespacedName service);
}

/// <summary>How many replicas a service should have by its load.</summary>
/// <param name="Replicas">Not bounded by the spec yet.</param>
/// <param name="Why">What it was decided on, for status.decisions.</param>
public sealed record ScaleAdvice(int Replicas, string Why);
