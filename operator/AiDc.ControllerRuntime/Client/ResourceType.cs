using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Client;

/// <summary>One REST resource of the API server. Whether it is namespaced shows from the names it is asked with.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Plural">As in the URL, for example <c>pods</c>.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind)
{
    private static readonly ConcurrentDictionary<Type, ResourceType> Known = new();

    private static readonly HashSet<string> ClusterKinds =
    [
        "Node", "Namespace", "PersistentVolume", "StorageClass", "PriorityClass", "RuntimeClass", "IngressClass", "VolumeAttachment",
        "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "DeviceClass", "ResourceSlice", "CSINode", "CSIDriver",
    ];

    /// <summary>Of the kinds that Kubernetes itself has; a custom kind counts as namespaced.</summary>
    public bool IsClusterScoped => ClusterKinds.Contains(Kind) && (Group.Length == 0 || Group.EndsWith(".k8s.io", StringComparison.Ordinal));

    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The resource that <typeparamref name="T"/> describes by its <see cref="KubernetesEntityAttribute"/>.</summary>
    public static ResourceType Of<T>() => Of(typeof(T));

    public static ResourceType Of(Type type) => Known.GetOrAdd(type, static t =>
    {
        var entity = t.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{t.FullName} names no resource: give it a [KubernetesEntity] attribute.", nameof(type));
        return new(entity.Group ?? "", entity.ApiVersion, entity.PluralName, entity.Kind);
    });

    /// <summary>The path from the server's root, without leading slash.</summary>
    public string Path(string? ns = null, string? name = null, string? subresource = null)
    {
        var path = new StringBuilder(Group.Length == 0 ? "api/" : "apis/").Append(ApiVersion).Append('/');
        if (ns is not null) path.Append("namespaces/").Append(Uri.EscapeDataString(ns)).Append('/');
        path.Append(Plural);
        if (name is not null) path.Append('/').Append(Uri.EscapeDataString(name));
        if (subresource is not null) path.Append('/').Append(subresource);
        return path.ToString();
    }

    /// <summary>Items of a list carry neither; requests must.</summary>
    public static T Fill<T>(T value) where T : IKubernetesObject
    {
        var type = Of<T>();
        value.ApiVersion ??= type.ApiVersion;
        value.Kind ??= type.Kind;
        return value;
    }
}
