using k8s;
using k8s.Models;

namespace AiDc.Testing;

/// <summary>A namespace of a test's own. It is not deleted: it ends with its control plane.</summary>
public sealed class TestNamespace
{
    private TestNamespace(string name) => Name = name;

    public string Name { get; }

    public static async Task<TestNamespace> CreateAsync(ControlPlane plane, CancellationToken ct = default)
    {
        var name = plane.NextNamespaceName();
        using var kubernetes = new Kubernetes(plane.Configuration());
        await kubernetes.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { Name = name } }, cancellationToken: ct);
        // Until the controller manager has made it, pods are forbidden there.
        if (plane.Options.ServiceAccounts)
            await Eventually.Assert(
                async () => (await kubernetes.CoreV1.ListNamespacedServiceAccountAsync(name, cancellationToken: ct)).Items.Any(a => a.Metadata.Name == "default"),
                TimeSpan.FromSeconds(60), $"service account of namespace {name}");
        return new(name);
    }
}
