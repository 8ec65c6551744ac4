using System.Globalization;
using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>Puts spec.resources into a container, in addition to what its template asks for.</summary>
public static class ContainerResources
{
    public static void Apply(ResourcesSpec resources, string gpuResource, V1Container container)
    {
        var requests = new Dictionary<string, ResourceQuantity>(container.Resources?.Requests ?? new Dictionary<string, ResourceQuantity>());
        var limits = new Dictionary<string, ResourceQuantity>(container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>());
        if (resources.Cpu is { } cpu) requests["cpu"] = new(cpu);
        if (resources.Memory is { } memory) requests["memory"] = limits["memory"] = new(memory);
        if (resources.Gpus > 0) requests[gpuResource] = limits[gpuResource] = new(resources.Gpus.ToString(CultureInfo.InvariantCulture));
        if (requests.Count + limits.Count == 0) return;
        container.Resources ??= new();
        container.Resources.Requests = requests.Count > 0 ? requests : null;
        container.Resources.Limits = limits.Count > 0 ? limits : null;
    }
}
