using AiDc.ControllerRuntime.Client;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>Keeps a store like the API server by list and watch.</summary>
public sealed class ResourceInformer<T> : IInformer, IStore<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Store<T> store;
    private readonly List<Action<StoreEvent<T>>> handlers = [];

    public ResourceInformer(InformerOptions<T> options)
    {
        store = new(options.Indexes);
    }

    public string Resource { get; } = ResourceType.Of<T>().Plural;

    public Type ObjectType => typeof(T);

    public DateTimeOffset? LastContact { get; private set; }

    public string? LastError { get; private set; }

    public int Count => store.Count;

    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    public string? ResourceVersion { get; private set; }

    public T? Get(NamespacedName name) => store.Get(name);

    public IReadOnlyList<T> List() => store.List();

    public IReadOnlyList<T> ListNamespace(string ns) => store.ListNamespace(ns);

    public IReadOnlyList<T> ByIndex(string index, string key) => store.ByIndex(index, key);

    /// <summary>Calls the handler with every change. Before the informer runs; the handler must not block or throw.</summary>
    public void Subscribe(Action<StoreEvent<T>> handler) => handlers.Add(handler);

    public Task WaitForSyncAsync(CancellationToken ct) => synced.Task.WaitAsync(ct);

    public Task RunAsync(CancellationToken ct) => throw new NotSupportedException();
}
