using System.Security.Cryptography;
using System.Text.Json;

namespace AiDc.Trainer.Training;

/// <summary>Tells whether a result that is already there is the result of these very options.</summary>
public static class RunFingerprint
{
    /// <summary>SHA-256 over all that decides about the result, in lower-case hex; not over paths, threads and how often to checkpoint.</summary>
    public static string Of(TrainingOptions options)
    {
        var deciding = new
        {
            options.Format, options.ValidationSplit, options.Model, options.Epochs, options.BatchSize,
            options.Optimizer, options.Schedule, options.EarlyStopping, options.Seed, options.ClipNorm, options.SyncBatchNorm, options.MaxSteps,
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(deciding, Json.Line)));
    }
}
