using System.Text.Json.Nodes;
using AiDc.Api.Validation;

namespace AiDc.Api.Tests.Validation;

/// <summary>A job that is fine but for one value.</summary>
/// <param name="By">Who refuses it.</param>
/// <param name="Path">Where the value is put.</param>
/// <param name="Json">The value; null takes the field out.</param>
/// <param name="At">The field that the error names; the same when left out.</param>
/// <param name="Own">Whether it is put into an object with an image of its own, and not into one for what is built in.</param>
/// <param name="With">Something else that is set and is fine by itself: path = JSON.</param>
public record BadValue(Refusal By, string Path, string? Json, string? At = null, bool Own = false, (string Path, string Json)? With = null)
{
    public string ErrorAt => At ?? Path;

    /// <summary>The resource in the API's paths.</summary>
    public virtual string Plural => "trainingjobs";

    public JsonObject Manifest()
    {
        var manifest = Fine();
        if (With is { } with)
            manifest.With(with.Path, with.Json);
        return Json is null ? manifest.Without(Path) : manifest.With(Path, Json);
    }

    public virtual IReadOnlyList<FieldError> Validate(ValidationContext context) => TrainingJobValidator.Validate(Manifests.Read(Manifest()), context);

    public override string ToString() => $"{Path} = {(Json is null ? "(none)" : Json.Length > 60 ? Json[..57] + "..." : Json)}{(With is { } w ? $" with {w.Path} = {w.Json}" : "")}";

    /// <summary>The object before the value is put in.</summary>
    protected virtual JsonObject Fine() => Own ? Manifests.ForOwnImage() : Manifests.ForBuiltInTrainer();
}
