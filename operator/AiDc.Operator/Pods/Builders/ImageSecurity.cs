using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>How the trainer's image runs, where a template says nothing else: unprivileged, with no rights, on a read-only root.</summary>
public static class ImageSecurity
{
    /// <summary>The user and group of the image.</summary>
    private const long User = 10001;

    public static void Apply(V1PodSpec spec, V1Container container)
    {
        container.SecurityContext ??= new()
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new() { Drop = ["ALL"] },
        };
        spec.SecurityContext ??= new()
        {
            RunAsNonRoot = true,
            RunAsUser = User,
            RunAsGroup = User,
            FsGroup = User,
            FsGroupChangePolicy = "OnRootMismatch",
            SeccompProfile = new() { Type = "RuntimeDefault" },
        };
    }
}
