namespace AiDc.Operator.Serving.Policies;

/// <summary>Where a model is, or what it waits for.</summary>
/// <param name="Model">The one to serve; null while there is none.</param>
/// <param name="Newer">A newer result of a training job that is followed: to be tried beside it.</param>
/// <param name="Reason">Where there is no model: one of <see cref="Api.Reasons"/>.</param>
/// <param name="Message">Why there is none.</param>
public sealed record ModelDecision(ResolvedModel? Model, ResolvedModel? Newer = null, string? Reason = null, string? Message = null)
{
    public static ModelDecision Wait(string reason, string message) => new(null, null, reason, message);
}
