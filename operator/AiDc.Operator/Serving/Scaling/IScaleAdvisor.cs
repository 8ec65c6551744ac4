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
