
namespace AiDc.Gateway.Forwarding;

/// <summary>What tells a gRPC call from other requests.</summary>
internal static class GrpcCall
{
    public const string ContentType = "application/grpc";

    public static bool Is(HttpRequest request) =>
        HttpProtocol.IsHttp2(request.Protocol) && request.ContentType is { } type && type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (type.Length == ContentType.Length || type[ContentType.Length] is '+' or ';' or ' ');
}
