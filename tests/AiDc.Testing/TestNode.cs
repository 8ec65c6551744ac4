using k8s.Models;

namespace AiDc.Testing;

/// <summary>Builds nodes that are ready and have room.</summary>
public sealed class TestNode
{
    private readonly V1Node node = new()
    {
        ApiVersion = "v1",
        Kind = "Node",
        Metadata = new() { Labels = new Dictionary<string, string>() },
        Spec = new(),
        Status = new()
        {
            Capacity = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("8"), ["memory"] = new("32Gi"), ["pods"] = new("110") },
            Conditions = [new() { Type = "Ready", Status = "True" }],
        },
    };

    private TestNode(string name)
    {
        node.Metadata.Name = name;
        node.Metadata.Labels["kubernetes.io/hostname"] = name;
        node.Status.Allocatable = new Dictionary<string, ResourceQuantity>(node.Status.Capacity);
    }

    public static TestNode Named(string name) => new(name);

    public TestNode Label(string key, string value)
    {
        node.Metadata.Labels[key] = value;
        return this;
    }

    public TestNode Resource(string name, string quantity)
    {
        node.Status.Capacity[name] = new(quantity);
        node.Status.Allocatable[name] = new(quantity);
        return this;
    }

    public TestNode NotReady(string status = "False")
    {
        node.Status.Conditions[0].Status = status;
        return this;
    }

    public V1Node Build() => node;
}
