using AiDc.Api;

namespace AiDc.Operator.Serving.Builders;

/// <summary>Ports and paths of the built-in server.</summary>
public static class ServingPaths
{
    public const int HttpPort = 8080;
    public const int GrpcPort = 8081;
    public const int MetricsPort = 8082;
    public const string Ready = "/v2/health/ready";
    public const string Live = "/v2/health/live";
    public const string Model = MountPaths.Model;
    public const string Cache = MountPaths.Cache;
}
