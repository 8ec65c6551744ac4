using k8s.Models;

namespace AiDc.Api;

/// <summary>Which container of a service's template is the server, and whether it is one of the user's own.</summary>
public static class ServerContainer
{
    public const string Name = "server";

    /// <summary>The one named "server", else the first; -1 where there is none, and the built-in server has to be added.</summary>
    public static int IndexIn(IList<V1Container>? containers)
    {
        for (var i = 0; i < (containers?.Count ?? 0); i++)
        {
            if (containers![i]?.Name == Name)
                return i;
        }

        return containers is { Count: > 0 } ? 0 : -1;
    }

    /// <summary>Whether the template brings its own server: its container has an image.</summary>
    public static bool IsOwn(V1PodTemplateSpec? template) =>
        template?.Spec?.Containers is { } containers && IndexIn(containers) is >= 0 and var at && !string.IsNullOrWhiteSpace(containers[at]?.Image);
}
