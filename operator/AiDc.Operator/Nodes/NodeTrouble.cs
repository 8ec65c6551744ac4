using System.Globalization;
using AiDc.Api;

namespace AiDc.Operator.Nodes;

/// <summary>Why what runs on a node is lost, or will be.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
public sealed record NodeTrouble(string Reason, string Message)
{
    /// <summary>Null where the node keeps what it runs.</summary>
    public static NodeTrouble? Of(NodeView? node) => node switch
    {
        null => null,
        { IsDeleted: true } => new(Reasons.NodeDeleted, $"node {node.Name} was deleted"),
        { DeadFor: { } time } => new(Reasons.NodeLost,
            string.Create(CultureInfo.InvariantCulture, $"node {node.Name} has not renewed its lease for {time.TotalSeconds:0} s")),
        { HasLostGpus: true } => new(Reasons.GpuWithdrawn,
            $"node {node.Name} offers {node.AllocatableGpus} GPUs, fewer than the {node.GpusInUse} in use there: a device was withdrawn"),
        _ => null,
    };
}
