using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>From changes of a store to requests.</summary>
public static class EventMaps
{
    /// <summary>The object itself.</summary>
    public static Func<T, IEnumerable<Request>> Self<T>() where T : class, IKubernetesObject<V1ObjectMeta> =>
        static value => [new(NamespacedName.Of(value))];

    /// <summary>The controlling owner, if it is of the resource of <paramref name="owner"/>, in whatever version.</summary>
    public static Func<T, IEnumerable<Request>> Owner<T>(Type owner) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var resource = ResourceType.Of(owner);
        return value => value.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true) is { } reference
            && reference.Kind == resource.Kind && Group(reference.ApiVersion) == resource.Group
                ? [new(new(value.Metadata.NamespaceProperty, reference.Name))]
                : [];
    }

    /// <summary>
    /// Sends what a change concerns to the sink: by the new state and by the old one, because a child that changed hands
    /// concerns both.
    /// </summary>
    public static Action<StoreEvent<T>> Handler<T>(
        RequestSink sink, Func<T, IEnumerable<Request>> map, EventPredicate<T>? predicate, EventPredicate<T>? lowPriority = null)
        where T : class, IKubernetesObject<V1ObjectMeta> => change =>
    {
        if (predicate is not null && !predicate(change)) return;
        var low = change.IsInitial || lowPriority?.Invoke(change) == true;
        foreach (var request in map(change.Value)) sink(request, low);
        if (change.Old is null || change.Kind == StoreEventKind.Deleted) return;
        foreach (var request in map(change.Old)) sink(request, low);
    };

    internal static void Connect<T>(
        IServiceProvider services, RequestSink sink, Func<T, IEnumerable<Request>> map, EventPredicate<T>? predicate, EventPredicate<T>? lowPriority)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        services.GetRequiredService<ResourceInformer<T>>().Subscribe(Handler(sink, map, predicate, lowPriority));

    private static string Group(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : apiVersion[..slash];
    }
}
