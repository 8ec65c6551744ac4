using System.Text.Json;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tensors;

namespace AiDc.Trainer.Models;

/// <summary>
/// A bundle where files cannot be renamed. The weights have a name of their own each time, and model.json, which names them, is replaced
/// last: a reader finds the old bundle or the new one, whole, whatever else is written at the same time.
/// </summary>
internal static class RemoteBundle
{
    public static void Write(IStorageFolder folder, string uid, IReadOnlyList<HostTensor> weights, Func<ModelManifest.WeightsFile, ModelManifest> manifest)
    {
        var before = ModelBundle.TryReadManifest(folder);
        var name = $"model-{uid}.safetensors";
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        var (bytes, sha256) = folder.Write(name, stream => SafetensorsWriter.Write(stream, weights, metadata));
        var json = manifest(new(name, bytes, sha256));
        folder.Publish(ModelManifest.FileName, stream => JsonSerializer.Serialize(stream, json, Json.File));
        // Only those that we replaced: others may be of a writer whose model.json is yet to come.
        if (before is not null && before.Weights.File != name) folder.TryDeleteFile(before.Weights.File);
    }
}
