using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>
/// Mounts a folder of a node as a path in the allowed folder that it is in, and not by itself. The allow-list is about names, and a link with
/// an allowed name may lead anywhere: a kubelet follows the links of a hostPath, but refuses a subPath that a link leads out of its volume.
/// </summary>
public static class HostPathPinning
{
    public static void Apply(V1PodSpec pod, IReadOnlyList<string> allowedFolders)
    {
        var containers = pod.Containers.Concat(pod.InitContainers ?? []).ToList();
        foreach (var volume in pod.Volumes ?? [])
        {
            if (volume.HostPath is null || !StorageUri.TryParse($"hostpath://{volume.HostPath.Path}", out var uri, out _, out _)) continue;
            // Where all of the node is allowed no link leads out.
            if (uri.AllowedFolder(allowedFolders) is not { Length: > 0 } folder || folder == uri.Path) continue;
            var below = uri.Path[(folder.Length + 1)..];
            volume.HostPath = new() { Path = folder, Type = volume.HostPath.Type switch { null or "" or "DirectoryOrCreate" => volume.HostPath.Type, _ => "Directory" } };
            foreach (var mount in containers.SelectMany(c => c.VolumeMounts ?? []).Where(m => m.Name == volume.Name)) Pin(mount, below);
        }
    }

    private static void Pin(V1VolumeMount mount, string below)
    {
        // $ begins a variable there, and $$ stands for itself.
        if (mount.SubPathExpr is { Length: > 0 } expression) mount.SubPathExpr = $"{below.Replace("$", "$$", StringComparison.Ordinal)}/{expression}";
        else mount.SubPath = mount.SubPath is { Length: > 0 } path ? $"{below}/{path}" : below;
    }
}
