using System.Net.Http.Headers;

namespace AiDc.ControllerRuntime.Client;

/// <summary>One request, before it is bound to a server.</summary>
/// <param name="Verb">As RBAC names it: get, list, watch, create, patch, delete.</param>
/// <param name="Path">Path and query from the server's root, without leading slash.</param>
internal readonly record struct ApiCall(
    HttpMethod Method, string Verb, ResourceType Resource, string Path,
    ReadOnlyMemory<byte> Body = default, MediaTypeHeaderValue? ContentType = null, string Accept = ApiCall.Json)
{
    public const string Json = "application/json";

    /// <summary>Asks for name, uid and versions only; what cannot do that answers with the whole object.</summary>
    public const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json";

    public static readonly MediaTypeHeaderValue JsonBody = new(Json);
    public static readonly MediaTypeHeaderValue MergePatchBody = new("application/merge-patch+json");
    public static readonly MediaTypeHeaderValue ApplyPatchBody = new("application/apply-patch+yaml");

    public bool IsIdempotent => Method != HttpMethod.Post;
}
