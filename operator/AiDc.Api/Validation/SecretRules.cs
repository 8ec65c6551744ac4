using System.Text.RegularExpressions;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>What is asked of the Secrets with credentials for S3.</summary>
internal static partial class SecretRules
{
    private const string DataSecret = "spec.trainer.data.secretRef";
    private const string CheckpointSecret = "spec.checkpoint.secretRef";

    /// <param name="data">Null where there is none, or none that can be read; the same for checkpoints.</param>
    public static void Check(TrainingJobSpec spec, StorageUri? data, StorageUri? checkpoint, Errors errors)
    {
        var dataSecret = spec.Trainer?.Data?.SecretRef;
        var checkpointSecret = spec.Checkpoint?.SecretRef;
        CheckOne(dataSecret, DataSecret, data, errors);
        CheckOne(checkpointSecret, CheckpointSecret, checkpoint, errors);
        if (data?.Scheme != StorageScheme.S3 || checkpoint?.Scheme != StorageScheme.S3 || dataSecret?.Name == checkpointSecret?.Name) return;
        errors.Add(
            CheckpointSecret,
            $"is {Name(checkpointSecret)}, and that of the data {Name(dataSecret)}: a worker has one set of credentials",
            "name the same Secret in both, or none in both; it needs rights on both buckets");
    }

    /// <summary>Says it where a name cannot be a Secret's.</summary>
    public static void CheckName(SecretReference? secret, string path, string owner, Errors errors)
    {
        if (secret?.Name is { Length: > 0 } name && !errors.Has(path) && !SecretName().IsMatch(name))
            errors.Add($"{path}.name", $"'{name}' cannot be the name of a Secret", $"name a Secret of the {owner}'s namespace: lower-case letters, digits, dots and hyphens");
    }

    private static void CheckOne(SecretReference? secret, string path, StorageUri? uri, Errors errors)
    {
        CheckName(secret, path, "job", errors);
        if (secret is null || errors.Has(path)) return;
        if (uri is not null && uri.Scheme != StorageScheme.S3)
            errors.Add(path, $"is set, and {uri} needs no credentials", "leave it out, or use s3://<bucket>/<prefix>");
    }

    private static string Name(SecretReference? secret) => secret is null ? "not set" : $"'{secret.Name}'";

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SecretName();
}
