using k8s.Models;

namespace AiDc.ControllerRuntime;

/// <summary>The identity of an object within its resource; <see cref="Namespace"/> is null for cluster-scoped objects.</summary>
public readonly record struct NamespacedName(string? Namespace, string Name)
{
    public static NamespacedName Of(IMetadata<V1ObjectMeta> value) => new(value.Metadata.NamespaceProperty, value.Metadata.Name);

    /// <summary>Reads <c>namespace/name</c> or <c>name</c>, the forms that <see cref="ToString"/> writes.</summary>
    public static NamespacedName Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new(null, text) : new(text[..slash], text[(slash + 1)..]);
    }

    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
