using System.Security.Cryptography;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;

namespace AiDc.Operator.Training.Jobs;

/// <summary>
/// Identifies the part of a spec that pods are made from. Of the spec only: how the operator builds pods may change with its
/// version, and an upgrade must not restart what runs.
/// </summary>
public static class SpecHash
{
    private const int Length = 16;

    public static string Of(TrainingJobSpec spec)
    {
        var part = new TrainingJobSpec
        {
            Workers = GangShape.IsDistributed(spec) ? Resizable(spec) : spec.Workers,
            Resources = spec.Resources,
            Trainer = spec.Trainer,
            Template = spec.Template,
            Checkpoint = spec.Checkpoint,
        };
        return Convert.ToHexStringLower(SHA256.HashData(RuntimeJson.ToUtf8(part)))[..Length];
    }

    /// <summary>A distributed gang is resized while it runs: how many workers it has is no part of any of them.</summary>
    private static WorkersSpec Resizable(TrainingJobSpec spec) => new() { Replicas = 0, Processes = GangShape.Processes(spec) };
}
