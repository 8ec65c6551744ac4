using AiDc.ControllerRuntime.Client;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>Makes the garbage collector take what belongs to an object along with it, at whatever moment it is deleted.</summary>
public static class Ownership
{
    public static V1OwnerReference Of<T>(T owner)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        return new()
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }
}
