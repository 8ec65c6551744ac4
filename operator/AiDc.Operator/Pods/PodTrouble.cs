using System.Collections.Frozen;
using System.Text.Json.Serialization;
using AiDc.Api;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Pods;

/// <summary>What keeps a kubelet from starting a pod that it has.</summary>
public sealed record PodTrouble(string Reason, string Message)
{
    /// <summary>
    /// The warnings that say that a pod cannot start. All others are no trouble: a kubelet warns of much that keeps nobody from running
    /// (no cluster DNS, a pull secret that is not there, a probe), and later versions of other things.
    /// </summary>
    private static readonly FrozenSet<string> Volumes = FrozenSet.Create(StringComparer.Ordinal, "FailedMount", "FailedAttachVolume", "FailedMapVolume");

    private static readonly FrozenSet<string> Starts = FrozenSet.Create(StringComparer.Ordinal,
        "FailedCreatePodSandBox", "FailedPodSandBoxStatus", "FailedCreatePodContainer", "NetworkNotReady", "FailedPrepareDynamicResources");

    /// <summary>The newest warning of those that keep a pod from starting; null for none.</summary>
    public static PodTrouble? Of(IEnumerable<PodWarning> warnings) =>
        warnings.Where(IsFailure).MaxBy(w => (w.LastTimestamp ?? w.Metadata.CreationTimestamp, w.Metadata.Name)) is { Reason: { } reason } newest
            ? new(Volumes.Contains(reason) ? Reasons.VolumeUnavailable : Reasons.WorkersStarting, $"{reason}: {newest.Message}")
            : null;

    private static bool IsFailure(PodWarning warning) => warning.Reason is { } reason
        && (Starts.Contains(reason) || (Volumes.Contains(reason) && !IsOfItsOwnCache(warning.Message)));

    /// <summary>A kubelet that has just heard of the pod has not read its ConfigMaps and Secrets yet: it tries again at once.</summary>
    private static bool IsOfItsOwnCache(string? message) =>
        message?.Contains("failed to sync configmap cache", StringComparison.Ordinal) == true || message?.Contains("failed to sync secret cache", StringComparison.Ordinal) == true;
}

/// <summary>
/// What matters of a Warning event about a pod. A pod's status does not say why its volumes cannot be mounted or its sandbox not be
/// made; kubelets tell it in events only.
/// </summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Event", PluralName = "events")]
public sealed class PodWarning : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The index of the store by the pod's uid.</summary>
    public const string ByPod = "pod";

    /// <summary>
    /// Warnings about pods, without those that the pod's status says better and those that come in masses: the server
    /// filters them, so that a busy cluster costs nothing.
    /// </summary>
    public const string FieldSelector = "involvedObject.kind=Pod,type=Warning,reason!=FailedScheduling,reason!=BackOff,reason!=Failed,"
        + "reason!=Unhealthy,reason!=Evicted,reason!=FailedKillPod,reason!=Preempting,reason!=NodeNotReady,"
        + "reason!=MissingClusterDNS,reason!=DNSConfigForming,reason!=FailedToRetrieveImagePullSecret";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Event";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("involvedObject")]
    public V1ObjectReference? InvolvedObject { get; set; }

    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }

    [JsonPropertyName("lastTimestamp")]
    public DateTime? LastTimestamp { get; set; }
}
