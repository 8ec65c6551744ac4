using AiDc.ControllerRuntime;
using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving.Gateways;

/// <summary>Which gateways may have been lost with their node, and how many of them callers may be kept from. They report twice a second.</summary>
internal static class LostGatewayPolicy
{
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2);

    /// <summary>By then the cluster itself knows of a node that it has lost, or it is something else.</summary>
    private static readonly TimeSpan NoMatterAfter = TimeSpan.FromMinutes(1);

    /// <returns>None where no gateway is heard: then it may well be this replica that nobody hears.</returns>
    public static IEnumerable<string> Suspects(IReadOnlyList<GatewaySilence> gateways) =>
        gateways.Any(g => g.Silence < SilentAfter)
            ? gateways.Where(g => g.Silence >= SilentAfter && g.Silence < NoMatterAfter).Select(g => g.Instance)
            : [];

    /// <summary>Those that can be asked about another.</summary>
    public static IEnumerable<string> Heard(IReadOnlyList<GatewaySilence> gateways) => gateways.Where(g => g.Silence < SilentAfter).Select(g => g.Instance);

    /// <summary>At most half of all may be taken out: beyond that it is more likely that the operator is wrong than that they are all lost.</summary>
    /// <param name="taken">Taken out already, and still missed.</param>
    public static bool MayTake(IReadOnlyList<GatewaySilence> gateways, int taken) => (taken + 1) * 2 <= gateways.Count(g => g.Silence < NoMatterAfter);

    public static string InstanceOf(string pod, string uid) => $"{pod}/{uid}";

    /// <returns>Null where it is not the name of a process in a pod.</returns>
    public static (NamespacedName Pod, string Uid)? PodOf(string instance, string ns) =>
        instance.Split('/') is [{ Length: > 0 } pod, { Length: > 0 } uid] ? (new(ns, pod), uid) : null;
}
