using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Operator.Training.Jobs;

/// <summary>From a path in a worker's container to the URI at which others find the same.</summary>
internal static class CheckpointPath
{
    /// <summary>A path that is not on the checkpoint volume is returned as it is.</summary>
    public static string ToUri(TrainingJobSpec spec, string path)
    {
        const string folder = MountPaths.Checkpoint + "/";
        return spec.Checkpoint is { } checkpoint && StorageUri.TryParse(checkpoint.Uri, out var uri, out _, out _)
            && path.StartsWith(folder, StringComparison.Ordinal)
                ? uri.Append(path[folder.Length..].TrimEnd('/')).ToString()
                : path;
    }
}
