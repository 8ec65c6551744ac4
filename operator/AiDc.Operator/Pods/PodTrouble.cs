using AiDc.Api;

namespace AiDc.Operator.Pods;

/// <summary>What keeps a kubelet from starting a pod that it has.</summary>
public sealed record PodTrouble(string Reason, string Message)
{
    /// <summary>The newest warning about a pod; null for none.</summary>
    public static PodTrouble? Of(IEnumerable<PodWarning> warnings) =>
        warnings.MaxBy(w => (w.LastTimestamp ?? w.Metadata.CreationTimestamp, w.Metadata.Name)) is { Reason: { } reason } newest
            ? new(reason is "FailedMount" or "FailedAttachVolume" or "FailedMapVolume" ? Reasons.VolumeUnavailable : Reasons.WorkersStarting,
                $"{reason}: {newest.Message}")
            : null;
}
