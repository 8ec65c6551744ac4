using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>Collects the volumes of one container of a pod that is being built, in addition to those of its template; <see cref="Apply"/> puts them in.</summary>
public sealed class PodStorage(V1PodSpec spec, V1Container container)
{
    private readonly List<V1Volume> volumes = [.. spec.Volumes ?? []];
    private readonly List<V1VolumeMount> mounts = [.. container.VolumeMounts ?? []];

    /// <summary>Adds the storage of a URI; S3 has none, see <see cref="StorageEnvironment"/>.</summary>
    public void AddVolume(string name, string uri, string path, bool readOnly) => AddVolume(name, StorageUri.Parse(uri), path, readOnly);

    public void AddVolume(string name, StorageUri uri, string path, bool readOnly)
    {
        if (uri.Scheme != StorageScheme.S3) Add(StorageVolume.Of(name, uri, path, readOnly, create: !readOnly));
    }

    public void AddEmptyDir(string name, string path, V1EmptyDirVolumeSource source) =>
        Add((new() { Name = name, EmptyDir = source }, new() { Name = name, MountPath = path }));

    public void Add((V1Volume Volume, V1VolumeMount Mount) added)
    {
        // A place that the template mounts something at is the template's.
        if (mounts.Any(m => m.MountPath.TrimEnd('/') == added.Mount.MountPath)) return;
        // A kubelet waits for ever for the second of two volumes of one claim: they are one volume, mounted twice.
        var claim = added.Volume.PersistentVolumeClaim?.ClaimName;
        if (claim is not null && volumes.Find(v => v.PersistentVolumeClaim?.ClaimName == claim) is { } same) added.Mount.Name = same.Name;
        else volumes.Add(added.Volume);
        mounts.Add(added.Mount);
    }

    public void Apply()
    {
        spec.Volumes = volumes.Count > 0 ? volumes : null;
        container.VolumeMounts = mounts.Count > 0 ? mounts : null;
    }
}

/// <summary>A storage URI of a volume, and where it is mounted. S3 is none: see <see cref="StorageEnvironment"/>.</summary>
public static class StorageVolume
{
    /// <param name="create">Whether a folder of a node is created if it is not there. Of a claim it always is.</param>
    public static (V1Volume Volume, V1VolumeMount Mount) Of(string name, StorageUri uri, string mountPath, bool readOnly, bool create)
    {
        var mount = new V1VolumeMount { Name = name, MountPath = mountPath, ReadOnlyProperty = readOnly ? true : null };
        if (uri.Scheme == StorageScheme.HostPath)
        {
            var host = new V1HostPathVolumeSource { Path = uri.Path, Type = create ? "DirectoryOrCreate" : "Directory" };
            return (new V1Volume { Name = name, HostPath = host }, mount);
        }
        if (uri.Path.Length > 0) mount.SubPath = uri.Path;
        return (new V1Volume { Name = name, PersistentVolumeClaim = new() { ClaimName = uri.Store } }, mount);
    }
}
