using AiDc.Api;
using AiDc.Operator.Training.Builders;

namespace AiDc.Operator.Tests.Training.Builders;

public sealed class MasterServiceBuilderTests
{
    [Test]
    public void It_leads_to_worker_0_of_this_attempt_before_that_is_ready()
    {
        var service = MasterServiceBuilder.Build(Given.Job(2), attempt: 3);

        Assert.That((service.Metadata.Name, service.Metadata.OwnerReferences.Single().Uid), Is.EqualTo(("digits-master", "job-uid")));
        Assert.That(service.Spec.Selector, Is.EquivalentTo(new Dictionary<string, string>
        {
            [Labels.JobUid] = "job-uid", [Labels.WorkerIndex] = "0", [Labels.Attempt] = "3",
        }));
        Assert.That((service.Spec.PublishNotReadyAddresses, service.Spec.Ports.Single().Port), Is.EqualTo((true, 29500)));
    }
}
