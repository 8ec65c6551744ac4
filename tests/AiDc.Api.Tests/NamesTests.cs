using System.Text.RegularExpressions;

namespace AiDc.Api.Tests;

[TestFixture]
internal sealed partial class NamesTests
{
    private static readonly string[] Jobs =
        ["mnist", "1st", "a.b.c", new('a', 63), new('a', 200), new('a', 253), $"{new string('a', 199)}.{new string('b', 53)}", $"{new string('x', 45)}-.y".Replace("-.", "-0.", StringComparison.Ordinal)];

    [Test]
    public void A_replacement_has_a_name_of_its_own_and_the_first_pod_the_name_it_always_had()
    {
        Assert.That(Names.WorkerPod("digits", 3, 2, 0), Is.EqualTo("digits-worker-3-2"));
        Assert.That(Names.WorkerPod("digits", 3, 2, 1), Is.EqualTo("digits-worker-3-2-1"));
    }

    [Test]
    public void A_pod_is_named_after_job_index_and_attempt() =>
        Assert.That(Names.WorkerPod("mnist", 3, 7), Is.EqualTo("mnist-worker-3-7"));

    [Test]
    public void A_service_is_named_after_the_job() => Assert.That(Names.MasterService("mnist"), Is.EqualTo("mnist-master"));

    [TestCaseSource(nameof(Jobs))]
    public void Every_name_is_one_that_the_API_server_takes(string job)
    {
        var pod = Names.WorkerPod(job, 999, int.MaxValue);
        var service = Names.MasterService(job);
        var label = Names.LabelValue(job);

        Assert.That(pod, Does.Match(Subdomain()).And.Length.LessThanOrEqualTo(253));
        Assert.That(service, Does.Match(Label()).And.Length.LessThanOrEqualTo(63));
        Assert.That(label, Does.Match(LabelValue()).And.Length.LessThanOrEqualTo(63));
    }

    [Test]
    public void Jobs_that_are_cut_to_the_same_start_have_different_names()
    {
        var (one, other) = (new string('a', 240) + "1", new string('a', 240) + "2");

        Assert.That(Names.WorkerPod(one, 0, 0), Is.Not.EqualTo(Names.WorkerPod(other, 0, 0)));
        Assert.That(Names.MasterService(one), Is.Not.EqualTo(Names.MasterService(other)));
        Assert.That(Names.LabelValue(one), Is.Not.EqualTo(Names.LabelValue(other)));
        Assert.That(Names.MasterService("a.b"), Is.Not.EqualTo(Names.MasterService("a-b")));
    }

    [Test]
    public void The_operators_own_names_are_known()
    {
        Assert.That(ReservedNames.IsVolume("aidc"), Is.True);
        Assert.That(ReservedNames.IsVolume("aidc-data"), Is.True);
        Assert.That(ReservedNames.IsVolume("aidcs"), Is.False);
        Assert.That(ReservedNames.IsEnvironment("AIDC_JOB"), Is.True);
        Assert.That(ReservedNames.IsEnvironment("MASTER_PORT"), Is.True);
        Assert.That(ReservedNames.IsEnvironment("OMP_NUM_THREADS"), Is.False);
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}
