using AiDc.ControllerRuntime;
using AiDc.Gateway.Routing;
using AiDc.Serving.V1;

namespace AiDc.Gateway.Demand;

/// <summary>What the operator hears of the demand here.</summary>
internal static class LoadBuilder
{
    /// <summary>Services that have seen no traffic are left out, unless something is wrong with their replicas.</summary>
    public static Load Build(IEnumerable<(NamespacedName Name, DispatcherLoad Load)> services)
    {
        var message = new Load();
        foreach (var (name, load) in services)
        {
            message.Unreachable.AddRange(load.Unreachable.Select(pod => pod.ToString()));
            if (load.Arrivals > 0) message.Services.Add(Of(name, load));
        }
        return message;
    }

    private static ServiceLoad Of(NamespacedName name, DispatcherLoad load)
    {
        var service = new ServiceLoad { Service = name.ToString(), Held = (uint)load.Held, Queued = (uint)load.Queued, ArrivalsTotal = load.Arrivals };
        service.Revisions.AddRange(load.Revisions);
        return service;
    }
}
