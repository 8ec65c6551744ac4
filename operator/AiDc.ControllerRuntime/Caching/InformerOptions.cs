using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>What an informer watches and how it keeps it.</summary>
public sealed record InformerOptions<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Only objects with these labels; null: all.</summary>
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Only objects of this namespace; null: that of the operator's options (all, unless set).</summary>
    public string? Namespace { get; init; }

    /// <summary>The resource has no namespaces; known without being told for the kinds of Kubernetes itself.</summary>
    public bool ClusterScoped { get; init; }

    /// <summary>
    /// How to read one object; null: as the Kubernetes models are read, without managedFields. A small type with only
    /// the fields that are looked at keeps a store of ten thousand pods small.
    /// </summary>
    public JsonTypeInfo<T>? TypeInfo { get; init; }

    /// <summary>Last change of an object before it is stored, for example dropping a large annotation.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>Named indexes: the keys under which an object is found by <see cref="IStore{T}.ByIndex"/>.</summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexes { get; init; } =
        new Dictionary<string, Func<T, IEnumerable<string>>>();
}

/// <summary>How long a watch may last. The server is asked to end it at a random time, so that not all end at once.</summary>
public sealed record InformerTiming
{
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan LongestWatch { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After the server should have ended it, we do: a half-open connection never would.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public int PageSize { get; init; } = 500;
}
