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
