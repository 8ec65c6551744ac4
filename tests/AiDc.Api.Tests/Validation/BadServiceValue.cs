using System.Text.Json.Nodes;
using AiDc.Api.Validation;

namespace AiDc.Api.Tests.Validation;

/// <summary>An inference service that is fine but for one value.</summary>
public sealed record BadServiceValue(Refusal By, string Path, string? Json, string? At = null, bool Own = false, (string Path, string Json)? With = null)
    : BadValue(By, Path, Json, At, Own, With)
{
    public override string Plural => "inferenceservices";

    public override IReadOnlyList<FieldError> Validate(ValidationContext context) =>
        InferenceServiceValidator.Validate(Manifests.ReadService(Manifest()), context);

    public override string ToString() => "service: " + base.ToString();

    protected override JsonObject Fine() => Own ? Manifests.ForOwnServer() : Manifests.ForBuiltInServer();
}
