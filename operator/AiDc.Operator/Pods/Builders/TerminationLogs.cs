using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>Has kubelets keep the last lines of whatever container of a pod fails, where its template says nothing else.</summary>
public static class TerminationLogs
{
    public static void Keep(V1PodSpec pod)
    {
        foreach (var container in (IEnumerable<V1Container>)[.. pod.InitContainers ?? [], .. pod.Containers])
            container.TerminationMessagePolicy ??= "FallbackToLogsOnError";
    }
}
