using k8s;
using k8s.Models;

namespace AiDc.Testing;

/// <summary>Builds pods: valid ones, of which a test names what it is about.</summary>
public sealed class TestPod
{
    private readonly V1Pod pod = new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new(),
        Spec = new()
        {
            RestartPolicy = "Never",
            Containers = [new() { Name = "main", Image = "example.invalid/none", Resources = new() }],
        },
    };

    private TestPod(string ns, string name) => (pod.Metadata.NamespaceProperty, pod.Metadata.Name) = (ns, name);

    public static TestPod Named(string ns, string name) => new(ns, name);

    public TestPod Label(string key, string value)
    {
        (pod.Metadata.Labels ??= new Dictionary<string, string>())[key] = value;
        return this;
    }

    public TestPod Annotation(string key, string value)
    {
        (pod.Metadata.Annotations ??= new Dictionary<string, string>())[key] = value;
        return this;
    }

    public TestPod OwnedBy(IKubernetesObject<V1ObjectMeta> owner)
    {
        pod.Metadata.OwnerReferences =
        [
            new() { ApiVersion = owner.ApiVersion, Kind = owner.Kind, Name = owner.Metadata.Name, Uid = owner.Metadata.Uid, Controller = true },
        ];
        return this;
    }

    public TestPod OnNode(string node)
    {
        pod.Spec.NodeName = node;
        return this;
    }

    public TestPod Phase(string phase)
    {
        (pod.Status ??= new()).Phase = phase;
        return this;
    }

    public V1Pod Build() => pod;
}
