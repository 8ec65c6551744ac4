using System.Globalization;
using System.Net;
using AiDc.Api;
using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Replicas;

/// <summary>A pod that serves, as its object says it is.</summary>
/// <param name="Uid">Tells the pod from an earlier one of its name.</param>
/// <param name="Revision">Name of the revision it was made for.</param>
/// <param name="Host">Its address, in brackets where it is an IPv6 one.</param>
/// <param name="HttpPort">Where HTTP/1.1 is spoken.</param>
/// <param name="GrpcPort">Where HTTP/2 without TLS is spoken.</param>
/// <param name="MaxConcurrency">Requests of one gateway at once; null: what the service says.</param>
/// <param name="ProbePath">What answers 2xx once it is ready; null: that it accepts connections and Kubernetes calls it ready must do.</param>
/// <param name="Ready">Kubernetes calls it ready.</param>
/// <param name="Leaving">It is being deleted, or has ended.</param>
internal sealed record ReplicaAddress(
    NamespacedName Pod, string Uid, string Revision, string Host, int HttpPort, int GrpcPort, int? MaxConcurrency, string? ProbePath,
    bool Ready, bool Leaving);

/// <summary>Reads a replica out of its pod.</summary>
internal static class ReplicaAddressBuilder
{
    private const int DefaultHttpPort = 8080;

    /// <returns>Null while the pod has no address.</returns>
    public static ReplicaAddress? Build(ServedPod pod)
    {
        if (!IPAddress.TryParse(pod.Status.PodIP, out var ip)) return null;
        var annotations = pod.Metadata.Annotations ?? new Dictionary<string, string>();
        var http = Number(annotations, Annotations.HttpPort, IPEndPoint.MaxPort) ?? DefaultHttpPort;
        return new(
            NamespacedName.Of(pod), pod.Metadata.Uid, pod.Metadata.Labels?.TryGetValue(Labels.Revision, out var revision) == true ? revision : "",
            UrlHost(ip), http,
            Number(annotations, Annotations.GrpcPort, IPEndPoint.MaxPort) ?? http, Number(annotations, Annotations.MaxConcurrency, int.MaxValue),
            annotations.TryGetValue(Annotations.ProbePath, out var path) && path.StartsWith('/') ? path : null, IsReady(pod),
            pod.Metadata.DeletionTimestamp is not null || pod.Status.Phase is "Succeeded" or "Failed");
    }

    private static string UrlHost(IPAddress ip) => ip.ToString() is var text && text.Contains(':', StringComparison.Ordinal) ? $"[{text}]" : text;

    private static bool IsReady(ServedPod pod) => pod.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    private static int? Number(IDictionary<string, string> annotations, string key, int most) =>
        annotations.TryGetValue(key, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0 && number <= most ? number : null;
}
