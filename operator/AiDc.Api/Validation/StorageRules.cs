using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>What is asked of storage beyond its grammar: allowed folders, and data apart from checkpoints.</summary>
internal static class StorageRules
{
    private const string DataPath = "spec.trainer.data.uri";
    private const string CheckpointPath = "spec.checkpoint.uri";

    public static void Check(TrainingJobSpec spec, ValidationContext context, Errors errors)
    {
        var data = Read(spec.Trainer?.Data?.Uri, DataPath, context, errors);
        var checkpoint = Read(spec.Checkpoint?.Uri, CheckpointPath, context, errors);
        SecretRules.Check(spec, data, checkpoint, errors);
        if (data is not null && checkpoint is not null && IsAtOrBelow(checkpoint, data))
        {
            errors.Add(
                CheckpointPath,
                $"is in the folder of the training data, {data}",
                "use a folder of its own: data is only read, and a folder in it would be taken for data");
        }
    }

    /// <summary>Says it when a node's folder is not one that the operator lets users mount.</summary>
    public static void CheckHostPath(StorageUri uri, string path, ValidationContext context, Errors errors)
    {
        if (uri.Scheme != StorageScheme.HostPath || uri.IsBelowAny(context.AllowedHostPaths))
            return;
        var allowed = context.AllowedHostPaths.Count == 0 ? "it allows none" : $"it allows {string.Join(", ", context.AllowedHostPaths)}";
        errors.Add(
            path,
            $"{uri.Path} is a folder of the node that the operator does not allow",
            $"use pvc://<claim>/<path>, or ask who runs the operator to add the folder to its allowedHostPaths ({allowed})");
    }

    private static StorageUri? Read(string? text, string path, ValidationContext context, Errors errors)
    {
        // What is no URI at all was said by the field's own rule.
        if (!StorageUri.TryParse(text, out var uri, out _, out _))
            return null;
        CheckHostPath(uri, path, context, errors);
        return uri;
    }

    private static bool IsAtOrBelow(StorageUri inner, StorageUri outer) =>
        inner.Scheme == outer.Scheme
        && inner.Store == outer.Store
        && (inner.Path == outer.Path || outer.Path.Length == 0 || inner.Path.StartsWith(outer.Path + "/", StringComparison.Ordinal));
}
