using System.Security.Cryptography;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;

namespace AiDc.Operator.Serving.Builders;

/// <summary>
/// Identifies the part of a spec that replicas are made from, and their model. Of the spec only: how the operator builds pods, and with which image,
/// may change with its version, and an upgrade must not touch what serves. The image of a new version comes with the next revision.
/// </summary>
public static class RevisionHash
{
    private const int Length = 8;

    public static string Of(InferenceService service, ResolvedModel? model)
    {
        var spec = service.Spec;
        var part = new InferenceServiceSpec
        {
            Model = model?.Spec is { } asked ? asked with { Follow = false, SecretRef = null, Uri = model.Uri } : null,
            Resources = spec.Resources,
            Batching = spec.Batching,
            Limits = spec.Limits,
            RequestLog = spec.RequestLog,
            Template = spec.Template,
        };
        var restart = service.Metadata.Annotations?.TryGetValue(Annotations.RestartedAt, out var at) == true ? at : "";
        byte[] text = [.. RuntimeJson.ToUtf8(part), .. System.Text.Encoding.UTF8.GetBytes($"\n{model?.Secret}\n{model?.JobUid}\n{restart}")];
        return Convert.ToHexStringLower(SHA256.HashData(text))[..Length];
    }

    /// <summary>The revision that serves a model by the present spec.</summary>
    public static Revision Revision(InferenceService service, ResolvedModel? model) =>
        new(Names.Revision(service.Metadata.Name, Of(service, model)), model);
}
