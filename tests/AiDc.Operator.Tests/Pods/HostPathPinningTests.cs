using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Tests.Pods;

/// <summary>A kubelet follows the links of a hostPath, and refuses those of a subPath that lead out of its volume.</summary>
[TestFixture]
internal sealed class HostPathPinningTests
{
    [TestCase("/srv/aidc/a/b", null, "a/b")]
    [TestCase("/srv/aidc//a/", null, "a")]
    [TestCase("/srv/aidc/a", "x/y", "a/x/y")]
    public void A_folder_below_an_allowed_one_is_a_path_in_that(string path, string? subPath, string expected)
    {
        var pod = Pod(path, "DirectoryOrCreate", new V1VolumeMount { Name = "v", MountPath = "/m", SubPath = subPath });

        HostPathPinning.Apply(pod, ["/opt", "/srv/aidc/"]);

        Assert.That((pod.Volumes[0].HostPath.Path, pod.Volumes[0].HostPath.Type), Is.EqualTo(("/srv/aidc", "DirectoryOrCreate")));
        Assert.That(pod.Containers[0].VolumeMounts[0].SubPath, Is.EqualTo(expected));
    }

    [Test]
    public void All_containers_that_mount_it_are_held_in_it()
    {
        var pod = Pod("/srv/aidc/a", "Directory", new() { Name = "v", MountPath = "/m" }, new() { Name = "other", MountPath = "/o" });
        pod.InitContainers = [new() { Name = "init", VolumeMounts = [new() { Name = "v", MountPath = "/i" }] }, new() { Name = "bare" }];

        HostPathPinning.Apply(pod, ["/srv/aidc"]);

        Assert.That(pod.InitContainers[0].VolumeMounts[0].SubPath, Is.EqualTo("a"));
        Assert.That(pod.Containers[0].VolumeMounts.Select(m => m.SubPath), Is.EqualTo(new[] { "a", null }));
    }

    [Test]
    public void A_path_with_variables_stays_one()
    {
        var pod = Pod("/srv/aidc/a$(B)", null, new V1VolumeMount { Name = "v", MountPath = "/m", SubPathExpr = "$(POD_NAME)" });

        HostPathPinning.Apply(pod, ["/srv/aidc"]);

        Assert.That((pod.Containers[0].VolumeMounts[0].SubPathExpr, pod.Containers[0].VolumeMounts[0].SubPath), Is.EqualTo(("a$$(B)/$(POD_NAME)", (string?)null)));
    }

    [Test]
    public void Of_several_allowed_folders_the_deepest_holds()
    {
        var pod = Pod("/srv/aidc/team/a", null, new V1VolumeMount { Name = "v", MountPath = "/m" });

        HostPathPinning.Apply(pod, ["/srv", "/srv/aidc/team", "/srv/aidc"]);

        Assert.That((pod.Volumes[0].HostPath.Path, pod.Containers[0].VolumeMounts[0].SubPath), Is.EqualTo(("/srv/aidc/team", "a")));
    }

    [TestCase("/srv/aidc", "/srv/aidc", "Directory", TestName = "The_allowed_folder_itself_is_mounted_as_it_is")]
    [TestCase("/srv/aidc/a", "/", "Directory", TestName = "Where_all_of_the_node_is_allowed_nothing_is_held_in")]
    [TestCase("/var/lib/cache", "/srv/aidc", "Directory", TestName = "A_folder_of_the_operators_own_is_left_as_it_is")]
    public void Is_left_alone(string path, string allowed, string type)
    {
        var pod = Pod(path, type, new V1VolumeMount { Name = "v", MountPath = "/m" });

        HostPathPinning.Apply(pod, [allowed]);

        Assert.That((pod.Volumes[0].HostPath.Path, pod.Volumes[0].HostPath.Type, pod.Containers[0].VolumeMounts[0].SubPath), Is.EqualTo((path, type, (string?)null)));
    }

    [Test]
    public void A_file_is_found_in_its_allowed_folder()
    {
        var pod = Pod("/srv/aidc/a.sock", "Socket", new V1VolumeMount { Name = "v", MountPath = "/m" });

        HostPathPinning.Apply(pod, ["/srv/aidc"]);

        Assert.That((pod.Volumes[0].HostPath.Type, pod.Containers[0].VolumeMounts[0].SubPath), Is.EqualTo(("Directory", "a.sock")));
    }

    private static V1PodSpec Pod(string path, string? type, params V1VolumeMount[] mounts) => new()
    {
        Containers = [new() { Name = "main", VolumeMounts = [.. mounts] }],
        Volumes = [new() { Name = "v", HostPath = new() { Path = path, Type = type } }, new() { Name = "other", EmptyDir = new() }],
    };
}
