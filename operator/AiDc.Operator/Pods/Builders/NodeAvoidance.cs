using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>Keeps a pod off nodes that have just lost workers: the scheduler learns of a dead node half a minute after we do.</summary>
public static class NodeAvoidance
{
    /// <summary>Adds a required node affinity against each of the nodes to whatever the template asks for.</summary>
    public static void Apply(V1PodSpec spec, IReadOnlyList<string> nodes)
    {
        if (nodes.Count == 0) return;
        spec.Affinity ??= new();
        spec.Affinity.NodeAffinity ??= new();
        var required = spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution ??= new() { NodeSelectorTerms = [] };
        // Of several terms one is enough for the scheduler, so each of them has to say it.
        if (required.NodeSelectorTerms.Count == 0) required.NodeSelectorTerms = [new()];
        foreach (var term in required.NodeSelectorTerms)
            // By the node's name, because the label of the host name may differ; the API server takes one value in each.
            term.MatchFields = [.. term.MatchFields ?? [], .. nodes.Select(Not)];
    }

    private static V1NodeSelectorRequirement Not(string node) => new() { Key = "metadata.name", OperatorProperty = "NotIn", Values = [node] };
}
