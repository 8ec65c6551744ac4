using System.Text.Json.Serialization.Metadata;
using AiDc.ControllerRuntime.Caching;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>Collects the options of one informer; several controllers may each add their indexes.</summary>
public sealed class InformerBuilder<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Dictionary<string, Func<T, IEnumerable<string>>> indexes = [];

    internal InformerOptions<T> Options { get; private set; } = new();

    public InformerBuilder<T> LabelSelector(string selector) => With(Options with { LabelSelector = selector });

    public InformerBuilder<T> FieldSelector(string selector) => With(Options with { FieldSelector = selector });

    public InformerBuilder<T> InNamespace(string ns) => With(Options with { Namespace = ns });

    /// <summary>For a custom resource without namespaces, which WatchNamespace must not restrict.</summary>
    public InformerBuilder<T> ClusterScoped() => With(Options with { ClusterScoped = true });

    public InformerBuilder<T> ReadWith(JsonTypeInfo<T> typeInfo) => With(Options with { TypeInfo = typeInfo });

    public InformerBuilder<T> Transform(Func<T, T> transform) => With(Options with { Transform = transform });

    public InformerBuilder<T> Index(string name, Func<T, IEnumerable<string>> keys)
    {
        indexes[name] = keys;
        return With(Options with { Indexes = indexes });
    }

    private InformerBuilder<T> With(InformerOptions<T> options)
    {
        Options = options;
        return this;
    }
}
