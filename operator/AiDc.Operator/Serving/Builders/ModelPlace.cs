using AiDc.Api.Values;

namespace AiDc.Operator.Serving.Builders;

/// <summary>Where a server finds its model: below a mount, or at its URI.</summary>
/// <param name="Path">What the server is told.</param>
/// <param name="Mounted">The folder to mount at <see cref="ServingPaths.Model"/>; null where the server fetches the model itself.</param>
public sealed record ModelPlace(string Path, StorageUri? Mounted)
{
    /// <summary>
    /// Of a file its folder is mounted: a mount of a single file keeps the file that was there when the pod started, and a missing one becomes an
    /// empty folder.
    /// </summary>
    public static ModelPlace Of(ResolvedModel model)
    {
        if (ModelUri.Parse(model.Uri).Storage is not { Scheme: not StorageScheme.S3 } storage) return new(model.Uri, null);
        if (model.Spec.Format == "aidc") return new(ServingPaths.Model, storage);
        var slash = storage.Path.LastIndexOf('/');
        return new($"{ServingPaths.Model}/{storage.Path[(slash + 1)..]}", storage with { Path = slash < 0 ? "" : storage.Path[..slash] });
    }
}
