using AiDc.Api;
using AiDc.Operator.Pods;
using AiDc.Operator.Tests.Training;

namespace AiDc.Operator.Tests.Pods;

/// <summary>Which of a kubelet's warnings say that a pod cannot start.</summary>
public sealed class PodTroubleTests
{
    [TestCase("FailedMount", "MountVolume.SetUp failed for volume \"data\": mount failed: exit status 32", Reasons.VolumeUnavailable)]
    [TestCase("FailedAttachVolume", "Multi-Attach error for volume \"pvc-1\"", Reasons.VolumeUnavailable)]
    [TestCase("FailedCreatePodSandBox", "no network", Reasons.WorkersStarting)]
    [TestCase("NetworkNotReady", "network is not ready", Reasons.WorkersStarting)]
    public void What_keeps_a_pod_from_starting_is_trouble(string reason, string message, string told) =>
        Assert.That(PodTrouble.Of([Warning(reason, message)]), Is.EqualTo(new PodTrouble(told, $"{reason}: {message}")));

    [TestCase("MissingClusterDNS", "kubelet does not have ClusterDNS IP configured")]
    [TestCase("DNSConfigForming", "Nameserver limits were exceeded")]
    [TestCase("FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets")]
    [TestCase("Unhealthy", "Readiness probe failed")]
    [TestCase("SomethingOfALaterVersion", "who knows")]
    [TestCase("FailedMount", "MountVolume.SetUp failed for volume \"token\" : failed to sync secret cache: timed out waiting for the condition")]
    public void Other_warnings_are_not(string reason, string message) => Assert.That(PodTrouble.Of([Warning(reason, message)]), Is.Null);

    [Test]
    public void A_newer_warning_that_is_harmless_hides_none_that_is_not()
    {
        var mount = Warning("FailedMount", "mount failed");
        mount.LastTimestamp = Given.Now.UtcDateTime.AddMinutes(-1);

        Assert.That(PodTrouble.Of([mount, Warning("MissingClusterDNS", "none")])!.Message, Is.EqualTo("FailedMount: mount failed"));
    }

    [Test]
    public void The_commonest_harmless_ones_are_not_even_watched() =>
        Assert.That(PodWarning.FieldSelector, Does.Contain("reason!=MissingClusterDNS").And.Contain("reason!=DNSConfigForming"));

    private static PodWarning Warning(string reason, string message) => new()
    {
        Metadata = new() { Name = $"pod.{reason}" },
        Reason = reason,
        Message = message,
        LastTimestamp = Given.Now.UtcDateTime,
    };
}
