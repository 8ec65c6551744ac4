using AiDc.Api;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>Restarts the gang when the part of the spec was edited that its pods were made from.</summary>
public static class SpecChangePolicy
{
    /// <remarks>
    /// The hash alone does not do: new defaults that come with an upgrade of the CRD change what is read of a job that nobody has
    /// edited. So pods of the job's present generation are never outdated.
    /// </remarks>
    public static NewAttempt? Decide(JobView view)
    {
        var outdated = view.Snapshot.Pods.Any(pod =>
            pod.Attempt == view.Status.Attempt
            && pod.JobGeneration is { } generation && generation != view.Generation
            && pod.SpecHash is { } hash && hash != view.SpecHash);
        return outdated ? new(Reasons.SpecChanged, "restarts because its spec was changed", AttemptKind.Restart) : null;
    }
}
