namespace AiDc.Gateway.Protocol;

/// <summary>Headers between callers, gateways and servers.</summary>
internal static class GatewayHeaders
{
    /// <summary>Names the service, as namespace/name: for gRPC clients, which have no path of their own.</summary>
    public const string Service = "aidc-service";

    /// <summary>The milliseconds that are left for the answer.</summary>
    public const string Timeout = "aidc-timeout-ms";

    /// <summary>On a refusal: nothing of the request was processed, it may go elsewhere.</summary>
    public const string NotProcessed = "aidc-not-processed";

    /// <summary>The length of a replica's queue.</summary>
    public const string Queue = "aidc-queue";

    public const string GrpcTimeout = "grpc-timeout";
    public const string GrpcStatus = "grpc-status";
    public const string GrpcMessage = "grpc-message";
    public const string TraceParent = "traceparent";
}
