using AiDc.ControllerRuntime.Caching;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Says whether a change is worth a reconcile.</summary>
public delegate bool EventPredicate<T>(StoreEvent<T> change) where T : class, IKubernetesObject<V1ObjectMeta>;
