using AiDc.ControllerRuntime.Controllers;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>
/// Says what wakes a controller: <c>c.For&lt;TrainingJob&gt;(predicate).Owns&lt;V1Pod&gt;().Watches&lt;V1Node&gt;(map).Workers(4)</c>.
/// Every type named gets an informer, unless one is added already.
/// </summary>
public sealed class ControllerBuilder<TReconciler> where TReconciler : class, IReconciler
{
    private readonly OperatorBuilder owner;
    private readonly List<Action<IServiceProvider, RequestSink>> sources = [];

    internal ControllerBuilder(OperatorBuilder owner) => this.owner = owner;

    internal ControllerSettings Settings { get; private set; } = new(DefaultName(), typeof(object), 1, null);

    internal IReadOnlyList<Action<IServiceProvider, RequestSink>> Sources => sources;

    /// <summary>Name in metrics and logs; default: that of the reconciler, without the word Reconciler, in small letters.</summary>
    public ControllerBuilder<TReconciler> Named(string name) => With(Settings with { Name = name });

    /// <summary>How many requests are worked on at once.</summary>
    public ControllerBuilder<TReconciler> Workers(int count) => With(Settings with { Workers = count });

    /// <summary>Instead of the operator's ReconcileTimeout.</summary>
    public ControllerBuilder<TReconciler> Timeout(TimeSpan timeout) => With(Settings with { Timeout = timeout });

    /// <summary>The kind this controller is about: a change asks for its own reconcile.</summary>
    public ControllerBuilder<TReconciler> For<T>(EventPredicate<T>? predicate = null) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Root is { } root) throw new InvalidOperationException($"Controller {Settings.Name} is already for {root.Name}: one root kind each.");
        With(Settings with { Kind = typeof(T) });
        return WatchesWith(_ => EventMaps.Self<T>(), predicate);
    }

    /// <summary>Children, found by their controlling owner reference, ask for the reconcile of their owner. After <c>For</c>.</summary>
    /// <param name="lowPriority">Changes that wait while there are others, besides those of first lists.</param>
    public ControllerBuilder<TReconciler> Owns<T>(EventPredicate<T>? predicate = null, EventPredicate<T>? lowPriority = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = Root ?? throw new InvalidOperationException($"Controller {Settings.Name}: say For<…>() before Owns<{typeof(T).Name}>().");
        return WatchesWith(_ => EventMaps.Owner<T>(kind), predicate, lowPriority);
    }

    /// <summary>Anything else; <paramref name="map"/> says whom a change concerns, for the old state and for the new one.</summary>
    public ControllerBuilder<TReconciler> Watches<T>(Func<T, IEnumerable<Request>> map, EventPredicate<T>? predicate = null)
        where T : class, IKubernetesObject<V1ObjectMeta> => WatchesWith(_ => map, predicate);

    /// <summary>As <c>Watches</c>, for a map that looks things up, for example in an <c>IStore</c>.</summary>
    public ControllerBuilder<TReconciler> WatchesWith<T>(
        Func<IServiceProvider, Func<T, IEnumerable<Request>>> map, EventPredicate<T>? predicate = null, EventPredicate<T>? lowPriority = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        owner.AddInformer<T>();
        sources.Add((services, sink) => EventMaps.Connect(services, sink, map(services), predicate, lowPriority));
        return this;
    }

    /// <summary>The kind that it is for; null as long as nobody has said it.</summary>
    private Type? Root => Settings.Kind == typeof(object) ? null : Settings.Kind;

    private static string DefaultName()
    {
        var name = typeof(TReconciler).Name;
        if (name.EndsWith("Reconciler", StringComparison.Ordinal) && name.Length > 10) name = name[..^10];
        return name.ToLowerInvariant();
    }

    private ControllerBuilder<TReconciler> With(ControllerSettings settings)
    {
        Settings = settings;
        return this;
    }
}

/// <summary>Connects one controller to what wakes it; done before the informers start, so that no event is missed.</summary>
internal sealed record ControllerWiring(Action<IServiceProvider> Connect);
